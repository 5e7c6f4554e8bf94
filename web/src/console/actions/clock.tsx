import type { Desk } from "../desk";

export function Clock({ desk, isOnDuty }: { desk: Desk; isOnDuty: boolean }) {
  const done = isOnDuty ? "Clocked out" : "Clocked in";
  return (
    <fieldset aria-busy={desk.isBusy.value}>
      <legend>Clock</legend>
      <div class="row">
        <button
          type="button"
          class="primary"
          onClick={() => desk.perform(done, () => desk.ask("ToggleClock"))}
        >
          {isOnDuty ? "Clock out" : "Clock in"}
        </button>
        <span class="soft">You are {isOnDuty ? "on" : "off"} duty.</span>
      </div>
    </fieldset>
  );
}
