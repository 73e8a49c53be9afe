// Passing remarks, whether there are results yet or not.

import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function NoticeList() {
  const { notices } = useWorkbench();
  return (
    <>
      {notices.list.value.map(({ matter, say, actions }) => (
        <p key={matter} class={`notice notice-${matter}`} role="status">
          {say(words.value)}
          {actions.length > 0 && " "}
          {actions.map((action, index) => (
            <button
              key={index}
              type="button"
              class="button button-small"
              onClick={() => {
                notices.drop(matter);
                action.act();
              }}
            >
              {action.say(words.value)}
            </button>
          ))}
        </p>
      ))}
    </>
  );
}
