// Whether a row lies in a filtered list, as far as the row itself tells. Which list it is in is the API's word; this
// only says what to count as new, and what to grey until the list is read again.
const PICK = {
  decision: (r) => r.decision,
  execution: (r) => r.execution,
  playbook: (r) => r.playbookId,
  action: (r) => r.action,
  requester: (r) => r.requestedBy.id,
  currency: (r) => r.amount?.currency,
  risk: (r) => r.risk.score,
  amount: (r) => r.amount?.minor,
  confidence: (r) => r.confidence,
  created: (r) => Date.parse(r.createdAt),
  due: (r) => (r.dueAt ? Date.parse(r.dueAt) : undefined),
};
function chosen(value, wanted) {
  const out = wanted.filter((one) => one[0] === "-").map((one) => one.slice(1)),
    any = wanted.filter((one) => one[0] !== "-");
  return !out.includes(value) && (!any.length || any.includes(value));
}
function holds(row, name, wanted) {
  const [, least, most, rest] = name.match(/^(?:(min)|(max))?(.*?)(?:From|To)?$/),
    end = name.endsWith("To") ? "to" : name.endsWith("From") ? "from" : (least ?? most);
  if (name === "box") return wanted !== "mine" || row.yourTurn;
  const pick = PICK[end ? rest[0].toLowerCase() + rest.slice(1) : rest];
  if (!pick) return true;
  const value = pick(row);
  if (!end) return chosen(value, [wanted].flat());
  const bound = end === "from" || end === "to" ? Date.parse(wanted) : Number(wanted);
  return value !== undefined && (end === "from" || end === "min" ? value >= bound : value <= bound);
}
export const fits = (row, filter) => Object.entries(filter).every(([name, wanted]) => holds(row, name, wanted));
