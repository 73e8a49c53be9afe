// Calls that wait for a worker, in one queue for each urgency.

import type { Task, TaskName } from "./task.ts";

/** Lower is sooner. */
const URGENCY: Readonly<Record<TaskName, number>> = {
  describe: 0,
  together: 0,
  evaluate: 0,
  teach: 0,
  checkLesson: 0,
  judge: 0,
  judgeAnew: 0,
  exportLesson: 0,
  slideReport: 0,
  infer: 1,
  look: 1,
  lessonMap: 1,
  patches: 1,
  analyse: 2,
  warmUp: 3,
};

export class TaskQueues {
  readonly #queues: Task[][] = Array.from({ length: Math.max(...Object.values(URGENCY)) + 1 }, () => []);

  /** Behind those that are as urgent. */
  add(task: Task): void {
    this.#of(task.name).push(task);
  }

  /** Before those that are as urgent: its turn had come already. */
  putBack(task: Task): void {
    this.#of(task.name).unshift(task);
  }

  /** The first that may be taken up; while images are held, none of them is. */
  take(held: boolean): Task | undefined {
    const images = this.#of("analyse");
    return this.#queues.find((queue) => queue.length > 0 && !(held && queue === images))?.shift();
  }

  /** The first of a kind, if it holds of it. */
  takeFirst(name: TaskName, holds: (task: Task) => boolean): Task | undefined {
    const queue = this.#of(name);
    return queue[0] !== undefined && holds(queue[0]) ? queue.shift() : undefined;
  }

  /** The first of a kind of which it holds. */
  takeAny(name: TaskName, holds: (task: Task) => boolean): Task | undefined {
    const queue = this.#of(name);
    const place = queue.findIndex(holds);
    return place < 0 ? undefined : queue.splice(place, 1)[0];
  }

  get imagesWait(): boolean {
    return this.#of("analyse").length > 0;
  }

  /** Neither the call waits any more, nor do portions of its image. */
  drop(task: Task): void {
    this.takeAny(task.name, (queued) => queued === task);
    while (this.takeAny("infer", ({ of }) => of === task) !== undefined);
  }

  /** Gives all that waited. */
  empty(): Task[] {
    return this.#queues.flatMap((queue) => queue.splice(0));
  }

  #of(name: TaskName): Task[] {
    const queue = this.#queues[URGENCY[name]];
    if (queue === undefined) throw new Error(`no queue for ${name}`);
    return queue;
  }
}
