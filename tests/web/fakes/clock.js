// A clock that only tests advance.

export class Clock {
  constructor(now = Date.parse("2026-01-10T12:00:00Z")) {
    this.time = now;
    this.timers = new Map();
    this.next = 1;
  }

  now = () => this.time;

  set = (run, ms = 0) => {
    this.timers.set(this.next, { run, at: this.time + Math.max(0, ms) });
    return this.next++;
  };

  clear = (timer) => void this.timers.delete(timer);

  /** Advances by `ms`, timer by timer, and settles after each. */
  async advance(ms) {
    const end = this.time + ms;
    await settle();
    for (let due = this.#due(end); due; due = this.#due(end)) {
      const [id, { run, at }] = due;
      this.timers.delete(id);
      this.time = Math.max(this.time, at);
      run();
      await settle();
    }
    this.time = end;
  }

  /** Simulates sleep of the machine: no timer fires until it wakes. */
  async sleep(ms) {
    this.time += ms;
    await this.advance(0);
  }

  #due(end) {
    const waiting = [...this.timers].filter(([, timer]) => timer.at <= end);
    return waiting.sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
  }
}

/** Resolves when all pending promise callbacks have run. */
export async function settle() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
