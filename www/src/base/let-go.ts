// Memory of large buffers given back at once. In a worker garbage is collected late: beside the engine's memory a heap of
// its own hardly grows, however many files it has read.

/** Of ES2024: the browsers without it collect the buffer some day. */
type Movable = ArrayBuffer & { transfer?(length: number): ArrayBuffer };

/** Nothing of it is read any more. */
export function letGo(buffer: ArrayBuffer): void {
  (buffer as Movable).transfer?.(0);
}
