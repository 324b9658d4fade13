import type { Message } from "../../shared/notifications/channel.ts";

/** Text as an attacker would put it into the title of an alert or the name of a file. */
export const HOSTILE =
  "[click](https://evil.example) **bold** <!here> <@U0BOB> @channel <at>everyone</at> <script>alert(1)</script> \u202Egnp.exe\r\nBcc: all@contoso.example\r\n\r\n{{DATE(x)}}";

export const aMessage = (changes: Partial<Message> = {}): Message => ({
  id: "0123456789abcdef0123456789abcdef",
  runId: "run-1",
  key: "contained",
  event: "containment",
  title: "Isolated: fin-laptop-07",
  text: "Isolated.\nTicket 12.",
  facts: [{ name: "Device", value: "fin-laptop-07" }],
  links: [],
  ...changes,
});
