import { afterEach, describe, expect, it, vi } from "vitest";
import { expectedAt, passedAt } from "../src/marshal/expected";
import type { Condition, View } from "../src/model/field";
import { Decider, type Decision, type Kept, newDecision, openDecisions, type Reply } from "../src/outbox/decisions";
import type { Desk } from "../src/wire/desk";

const post = { leg: 1, checkpoint: 2, id: "b", alongM: 50_000 };

function view(row: number, alongM: number, condition: Condition = "running", support = false): View {
  return { vehicle: { row, number: String(row), support, startOrder: row }, alongM, condition, legNumber: 1 } as View;
}

describe("who is expected at a checkpoint", () => {
  const views = [
    view(0, 48_000),
    view(1, 20_000),
    view(2, 51_000), // a fix old, still passing
    view(3, 60_000), // through
    view(4, 0, "waiting"),
    view(5, 30_000, "out"),
    view(6, 49_000, "running", true),
    view(7, 40_000, "silent"),
  ];

  it("is the nearest first; everybody else can be tapped all the same", () => {
    const { next, others } = expectedAt(post, views, new Set([1]));
    expect(next.map((v) => v.vehicle.row)).toEqual([2, 0, 7]);
    expect(others.map((v) => v.vehicle.row)).toEqual([3, 4, 5, 6]);
  });
});

describe("who passed", () => {
  const counts: Reply = { outcome: "counts", who: "Ann", helper: "", error: "" };
  let seq = 0;
  const kept = (decision: Partial<Decision>, reply: Reply | null): Kept => ({
    seq: seq++,
    decision: { id: `d${seq}`, decision: "sighting", at_ms: seq, leg: 1, checkpoint: "b", ...decision } as Decision,
    reply,
  });
  const sightings = [
    { id: "own", at_ms: 1, who: "Ann", role: "marshal", vehicle: 0, leg: 1, checkpoint: 2 },
    { id: "theirs", at_ms: 9, who: "Bea", role: "marshal", vehicle: 1, leg: 1, checkpoint: 2 },
    { id: "elsewhere", at_ms: 9, who: "Bea", role: "marshal", vehicle: 1, leg: 1, checkpoint: 3 },
  ];

  it("is what this page noted and what others saw, once each, without what was taken back", () => {
    const all = [
      kept({ id: "own", vehicle: "0", at_ms: 1 }, counts),
      kept({ id: "late", vehicle: "5", at_ms: 3 }, null),
      kept({ id: "no", vehicle: "7", at_ms: 2 }, { ...counts, outcome: "refused", error: "too old" }),
      kept({ id: "other", vehicle: "8", checkpoint: "c" }, counts),
      kept({ id: "back", vehicle: "6" }, counts),
      kept({ decision: "undo", of: "back" }, null),
    ];
    const passed = passedAt(post, all, { sightings } as Desk, ["0", "1"]);
    expect(passed.map(({ id, state, who }) => [id, state, who])).toEqual([
      ["theirs", "through", "Bea"],
      ["late", "waiting", ""],
      ["no", "refused", ""],
      ["own", "through", ""],
    ]);
  });
});

describe("decisions on their way", () => {
  afterEach(() => vi.unstubAllGlobals());

  async function deciderWith(answer: () => Promise<Response>) {
    vi.stubGlobal("fetch", vi.fn(answer));
    const queue = await openDecisions("t"); // no IndexedDB here: for as long as the page is open
    const decider = new Decider(
      "t",
      queue,
      () => {},
      () => {},
    );
    await decider.decide(newDecision("note", 1_000.4, { text: "hello" }));
    return { queue, decider };
  }

  it("are forgotten only when the tour has answered", async () => {
    const { queue, decider } = await deciderWith(async () => Response.json({ outcome: "counts", who: "Ann" }));
    await vi.waitFor(() => expect(decider.link).toBe("good"));
    const [{ reply, decision }] = await queue.all();
    expect(reply).toEqual({ outcome: "counts", who: "Ann", helper: "", error: "" });
    expect(decision).toMatchObject({ decision: "note", at_ms: 1_000, text: "hello" });
    expect(decision.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ["no network", () => Promise.reject(new TypeError("no network"))],
    ["a server in trouble", async () => Response.json({}, { status: 503 })],
    ["a page of the hotel's network", async () => new Response("<h1>Welcome</h1>")],
  ])("wait after %s", async (_, answer) => {
    const { queue, decider } = await deciderWith(answer);
    await vi.waitFor(() => expect(decider.link).toBe("waiting"));
    expect(await queue.batch(9)).toHaveLength(1);
  });

  it("wait for another sign-in, but not for what this role may not do", async () => {
    const out = await deciderWith(async () => Response.json({ error: "who?" }, { status: 403 }));
    await vi.waitFor(() => expect(out.decider.link).toBe("refused"));
    expect(await out.queue.batch(9)).toHaveLength(1);
    let calls = 0;
    const answers = async () => Response.json({ error: "for organisers" }, { status: calls++ === 0 ? 403 : 200 });
    const { queue, decider } = await deciderWith(answers); // the second question is: who am I?
    await vi.waitFor(() => expect(decider.link).toBe("good"));
    expect((await queue.all())[0].reply).toMatchObject({ outcome: "refused", error: "for organisers" });
  });

  it("that are wrong hold nobody up", async () => {
    const { queue, decider } = await deciderWith(async () => Response.json({ error: "too old" }, { status: 400 }));
    await vi.waitFor(() => expect(decider.link).toBe("good"));
    expect((await queue.all())[0].reply?.error).toBe("too old");
  });
});
