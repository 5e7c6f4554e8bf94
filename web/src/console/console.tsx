import { useEffect, useState } from "preact/hooks";
import { Brand } from "../shared/brand";
import type { Config } from "../shared/config";
import { type Account, forgetAccount, openAccount, rememberedAuthorization } from "./account";
import { Actions } from "./actions/actions";
import { JournalView } from "./journal-view";
import { SignIn } from "./sign-in";
import { Watch } from "./watch";

/** The booking in the address, by which a view can be come back to. */
const ADDRESS_PARAMETER = "booking";

export function Console({ config }: { config: Config }) {
  const [account, setAccount] = useState<Account | null>();

  useEffect(() => {
    const authorization = rememberedAuthorization() ?? config.identities[0]?.authorization;
    void (authorization ? openAccount(authorization) : Promise.resolve(null)).then(setAccount, () =>
      setAccount(null),
    );
  }, [config]);

  if (account === undefined) {
    return null;
  }
  if (account === null) {
    return <SignIn identities={config.identities} onOpen={setAccount} />;
  }
  const leave = () => {
    forgetAccount();
    setAccount(null);
  };
  return <Watching key={account.authorization} config={config} account={account} onLeave={leave} />;
}

function Watching({ config, account, onLeave }: { config: Config; account: Account; onLeave(): void }) {
  const [booking, setBooking] = useState(account.booking ?? bookingInAddress());
  const [watch, setWatch] = useState<Watch | null>(null);

  useEffect(() => {
    const started = new Watch(config, account, booking);
    setWatch(started);
    return () => started.stop();
  }, [config, account, booking]);

  const choose = (reference: string | null) => {
    const address = new URL(location.href);
    address.search = reference ? String(new URLSearchParams({ [ADDRESS_PARAMETER]: reference })) : "";
    history.replaceState(null, "", address);
    setBooking(reference);
  };

  if (watch === null || watch.booking !== booking) {
    return null;
  }
  return (
    <div class="console">
      <header>
        <Brand />
        <h1>Live console</h1>
        <Scope watch={watch} onChoose={choose} />
        <p class="who">
          <span>{account.name}</span>
          <button type="button" class="quiet" onClick={onLeave}>
            Switch
          </button>
        </p>
      </header>
      <main>
        <Actions watch={watch} />
        <JournalView watch={watch} />
      </main>
    </div>
  );
}

/** What is watched: the hotel, or one of its bookings. */
function Scope({ watch, onChoose }: { watch: Watch; onChoose(reference: string | null): void }) {
  const { account, booking, desk } = watch;
  const listed = desk.bookings.value.map(({ id, guestName }) => ({ id, name: `${id} · ${guestName}` }));
  const missing = booking !== null && !listed.some(({ id }) => id === booking);
  return (
    <label class="scope">
      <span>Watching</span>
      <select
        value={booking ?? ""}
        disabled={account.booking !== null}
        onChange={({ currentTarget }) => onChoose(currentTarget.value || null)}
      >
        {account.booking === null && <option value="">{account.hotel.name}, everything</option>}
        {missing && <option value={booking}>{booking}</option>}
        {listed.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function bookingInAddress(): string | null {
  return new URLSearchParams(location.search).get(ADDRESS_PARAMETER);
}
