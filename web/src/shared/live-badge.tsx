/** Whether what is shown follows what happens. */
export function LiveBadge({ isLive }: { isLive: boolean }) {
  return (
    <span class={`live-badge ${isLive ? "on" : ""}`} role="status">
      {isLive ? "Live" : "Reconnecting …"}
    </span>
  );
}
