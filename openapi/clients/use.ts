// A client that is made of nothing but the generated types: run against a server by `make clients`.
import type { components, paths } from "./onrecord.js";

type Page = paths["/v1/statements"]["get"]["responses"][200]["content"]["application/json"];
type Problem = components["schemas"]["Problem"];
type Actor = components["schemas"]["ActorAnswer"];

const base = process.argv[2] ?? "http://127.0.0.1:8000";

async function said(speaker: string): Promise<Page> {
  const answer = await fetch(`${base}/v1/statements?speaker=${encodeURIComponent(speaker)}`);
  if (!answer.ok) {
    const problem: Problem = await answer.json();
    throw new Error(problem.detail);
  }
  return answer.json();
}

const page = await said("vladimir-putin");
const actor: Actor = await (await fetch(`${base}/v1/actors/vladimir-putin`)).json();
if (page.items.length === 0) throw new Error("no statements");
for (const { said_at, content } of page.items) console.log(said_at, actor.name, content);
const refused = await said("nobody-of-that-name").then(() => null, (error: Error) => error.message);
if (!refused) throw new Error("a made-up speaker was found");
