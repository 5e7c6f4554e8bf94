import icon from "./icon.svg";

/** HotelMate's name, which leads to the landing page. */
export function Brand() {
  return (
    <a class="brand" href="/">
      <img src={icon} alt="" width="28" height="28" />
      HotelMate
    </a>
  );
}
