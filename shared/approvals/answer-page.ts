import type { Approval } from "./approval.ts";

interface Page {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The page that asks for an answer. Everything in it that comes from outside is text, never markup. */
export function answerPage({ approval, approver }: { approval: Approval; approver: string }): Page {
  const { title, text, quorum, expiresAt, runId } = approval;
  return page(
    200,
    `<h1>${escaped(title)}</h1>
<p>${escaped(text).replaceAll("\n", "<br>")}</p>
<p>You answer as <b>${escaped(approver)}</b>, until ${escaped(expiresAt)}. Yes is needed from ${quorum}. Run ${escaped(runId)}.</p>
<form method="post">
<p><label>Reason <input name="reason" maxlength="1000" size="60"></label></p>
<button name="answer" value="approve">Approve</button>
<button name="answer" value="decline">Decline</button>
</form>`,
  );
}

export const closingPage = ({ title }: Approval, approved: boolean): Page =>
  page(
    200,
    `<h1>${escaped(title)}</h1><p>You have ${approved ? "approved" : "declined"}. You can close this page.</p>`,
  );

export const refusedPage = (status: number, why: string): Page =>
  page(status, `<h1>Not accepted</h1><p>${escaped(why)}</p>`);

/** Nothing is loaded, framed, cached or told to others: the address is a secret. */
const page = (status: number, content: string): Page => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
  },
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Approval</title>
${content}
</html>`,
});

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
