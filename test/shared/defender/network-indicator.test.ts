import { expect, test } from "vitest";
import { NetworkValue, networkIndicatorOf } from "../../../shared/defender/indicators/network-indicator.ts";

test.each([
  ["203.0.113.7", "IpAddress", "203.0.113.7"],
  ["2001:db8::7", "IpAddress", "2001:db8:0:0:0:0:0:7"],
  ["2001:DB8:1::", "IpAddress", "2001:db8:1:0:0:0:0:0"],
  ["2001:db8:0:1:2:3:4:5", "IpAddress", "2001:db8:0:1:2:3:4:5"],
  ["Evil.example", "DomainName", "evil.example"],
  ["https://evil.example/Drop?x=1", "Url", "https://evil.example/Drop?x=1"],
  ["http://203.0.113.7/a", "Url", "http://203.0.113.7/a"],
])("%s is blocked as %s", (text, indicatorType, indicatorValue) => {
  expect(networkIndicatorOf(NetworkValue.parse(text))).toEqual({ indicatorType, indicatorValue });
});

test.each(["10.1.2.3", "172.31.0.1", "192.168.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "fe80::1"])(
  "%s is not blocked, as every network has it",
  (text) => {
    expect(NetworkValue.safeParse(text).error?.issues[0]?.message).toContain("inside networks only");
  },
);

test.each(["http://10.1.2.3/a", "http://[::1]/", "::ffff:10.1.2.3"])("%s leads inside as well", (text) => {
  expect(NetworkValue.safeParse(text).success).toBe(false);
});

test.each(["", "203.0.113.0/24", "localhost", "ftp://evil.example/", "two words.example", "https://"])(
  "%j is nothing that Defender could block",
  (text) => {
    expect(NetworkValue.safeParse(text).error?.issues[0]?.message).toContain("write an IP address");
  },
);
