// What changes in crowds and need not be followed step by step.

/** Does it at once; for all that is asked within so many milliseconds after that, once more when they are over. */
export function paced(ms: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  const now = () => {
    late = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (late) now();
    }, ms);
    act();
  };
  return () => {
    if (timer === undefined) now();
    else late = true;
  };
}
