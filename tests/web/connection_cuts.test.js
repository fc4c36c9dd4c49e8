// The connection is cut at eight points between key and result. Given each cut, I expect one job,
// one purchase, the result, and exactly one completion.

import assert from "node:assert/strict";
import test from "node:test";
import { settle } from "./fakes/clock.js";
import { Browser, NEW_JOB } from "./fakes/browser.js";

/** Each makes the cut; afterwards the connection is restored. `story` is the page and its server. */
const CUTS = {
  "1 after the key is stored, before the request": async (story) => {
    story.downFor("POST", 3);
    await story.start();
  },
  "2 after the request, before the answer": async (story) => {
    story.loseFirst("POST");
    await story.start();
  },
  "3 the page crashes before the request": async (story) => {
    story.browser.network = () => "hang";
    await story.start();
    await story.reload();
  },
  "4 the page crashes before the answer": async (story) => {
    story.loseFirst("POST");
    story.start();
    await story.reload();
  },
  "4 the page crashes before the answer, and the job ends before it reopens": async (story) => {
    story.loseFirst("POST");
    story.start();
    await settle();
    await story.finish();
    await story.reload();
  },
  "5 between the answer and the first read": async (story) => {
    story.downFor("GET", 4);
    await story.start();
  },
  "6 in the middle of the stream": async (story) => {
    await story.start();
    await story.browser.advance(5000);
    story.browser.server.cut();
    story.downFor("GET", 2);
  },
  "7 the job ends while the connection is down": async (story) => {
    await story.start();
    await story.browser.advance(5000);
    story.browser.network = () => "down";
    story.browser.server.cut();
    await story.browser.advance(60_000);
    await story.finish();
  },
  "8 the result is read, the answer is lost, and the page is reloaded": async (story) => {
    await story.start();
    await story.browser.advance(5000);
    story.browser.network = ({ path }) => (path.endsWith("/events") ? "down" : "lost");
    await story.finish();
    await story.browser.advance(4000);
    await story.reload();
  },
};

class Story {
  constructor(streaming) {
    this.browser = new Browser();
    this.browser.server.streaming = streaming;
    this.completions = [];
    this.finished = false;
    this.tab = this.browser.tab();
  }

  /** Makes the next `times` requests of a method fail. */
  downFor(method, times) {
    this.browser.network = (request) =>
      request.method === method && times-- > 0 ? "down" : undefined;
  }

  loseFirst(method) {
    let lost = false;
    this.browser.network = (request) => {
      if (lost || request.method !== method) return undefined;
      lost = true;
      return "lost";
    };
  }

  start() {
    this.listen(this.tab.client.start(NEW_JOB));
    return settle();
  }

  listen(handle) {
    handle.onFinish(({ job }) => this.completions.push(job));
  }

  async reload() {
    this.tab.kill();
    this.browser.network = () => undefined;
    this.tab = this.browser.tab();
    const recovery = this.tab.client.recover();
    await settle();
    const { resumed, completedWhileAway } = await recovery;
    resumed.forEach((handle) => this.listen(handle));
    for (const handle of completedWhileAway) this.completions.push(await handle.done());
  }

  /** Completes every job. */
  async finish() {
    if (this.finished) return;
    this.finished = true;
    for (const id of this.browser.server.jobs.keys()) {
      this.browser.server.work(id);
      this.browser.server.emit(id, { type: "delta", text: "Long ago", offset: 0 });
      await settle();
      this.browser.server.finish(id);
    }
  }
}

for (const streaming of [true, false]) {
  for (const [name, cut] of Object.entries(CUTS)) {
    test(`${name}, ${streaming ? "streaming" : "polling"}`, async () => {
      const story = new Story(streaming);
      await cut(story);
      await story.browser.advance(120_000);
      await story.finish();
      story.browser.network = () => undefined;
      await story.browser.advance(120_000);
      assert.equal(story.browser.server.jobs.size, 1);
      assert.equal(story.browser.server.purchases, 1);
      assert.deepEqual(
        story.completions.map((job) => job.result),
        [[{ name: "Aragorn" }]],
      );
      assert.equal(story.browser.server.seen.length, 1, "the end was reported as seen, once");
      assert.equal(
        [...story.browser.storage.items.keys()].filter((key) => key.includes("intent")).length,
        0,
      );
    });
  }
}
