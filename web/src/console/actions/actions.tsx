import type { Watch } from "../watch";
import { Bookings } from "./bookings";
import { Clock } from "./clock";
import { Gallery } from "./gallery";
import { Offers } from "./offers";

// Where the events would otherwise begin below the fold.
const IS_NARROW = matchMedia("(max-width: 40rem)").matches;

/** Buttons that make things happen, to be watched beside them. */
export function Actions({ watch }: { watch: Watch }) {
  const { desk, account } = watch;
  const hotel = desk.hotel.value;
  const problem = desk.problem.value;
  const outcome = problem ? { text: problem, isRefusal: true } : desk.outcome.value;
  const isStaff = account.booking === null;
  return (
    <section class="sheet actions" aria-labelledby="actions">
      <details open={!IS_NARROW}>
        <summary>
          <h2 id="actions">Make something happen</h2>
        </summary>
        <div class="buttons">
          {hotel && watch.booking === null && (
            <>
              <Clock desk={desk} isOnDuty={hotel.isOnDuty} />
              <Offers desk={desk} offers={hotel.offers} />
              <Gallery desk={desk} urls={hotel.gallery} />
            </>
          )}
          <Bookings watch={watch} isStaff={isStaff} />
        </div>
      </details>
      <p role="status" class={`outcome ${outcome?.isRefusal ? "bad" : "good"}`}>
        {outcome?.text}
      </p>
      {isStaff && (
        <p class="soft">
          See it change: <a href={`/hotel/${encodeURIComponent(account.hotel.slug)}`}>the public page</a>.
        </p>
      )}
    </section>
  );
}
