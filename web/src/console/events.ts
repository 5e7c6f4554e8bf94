// Events as GraphQL sends them, and what they are called on the legacy side.

import type { Visibility } from "../shared/config";

interface EventFields {
  id: string;
  hotelSlug: string;
  seq: number;
  cursor: string;
  occurredAt: string;
}

interface OfferFields {
  title: string;
  isActive: boolean;
}

export type HotelEvent = EventFields &
  (
    | {
        __typename: "ClockStatusUpdated";
        firstName: string;
        lastName: string;
        action: "CLOCK_IN" | "CLOCK_OUT";
      }
    | { __typename: "OfferCreated" | "OfferUpdated"; offer: OfferFields }
    | { __typename: "OfferDeleted" | "OfferImageUpdated"; offerTitle: string }
    | { __typename: "SettingsUpdated"; changed: string[] }
    | { __typename: "GalleryImageUploaded" | "GalleryImageRemoved" | "GalleryReordered" }
    | { __typename: "RoomTypeImageUpdated" }
    | { __typename: "BookingCreated"; bookingId: string }
    | { __typename: "BookingStatusChanged"; bookingId: string; status: string; previousStatus: string }
    | {
        __typename: "BookingRoomAssigned" | "BookingCheckedIn" | "BookingCheckedOut";
        bookingId: string;
        roomNumber: string;
      }
  );

/** What happened, in a few words. */
export function describe(event: HotelEvent): string {
  switch (event.__typename) {
    case "ClockStatusUpdated":
      return `${event.firstName} ${event.lastName} clocked ${event.action === "CLOCK_IN" ? "in" : "out"}`;
    case "OfferCreated":
      return `New offer: ${event.offer.title}`;
    case "OfferUpdated":
      return `Offer changed: ${event.offer.title}`;
    case "OfferDeleted":
      return `Offer gone: ${event.offerTitle}`;
    case "OfferImageUpdated":
      return `New photo: ${event.offerTitle}`;
    case "SettingsUpdated":
      return `Settings changed: ${event.changed.join(", ")}`;
    case "GalleryImageUploaded":
      return "New picture in the gallery";
    case "GalleryImageRemoved":
      return "Picture taken out of the gallery";
    case "GalleryReordered":
      return "Gallery in a new order";
    case "RoomTypeImageUpdated":
      return "New photo of a room type";
    case "BookingCreated":
      return `${event.bookingId} booked`;
    case "BookingStatusChanged":
      return `${event.bookingId}: ${inWords(event.previousStatus)} → ${inWords(event.status)}`;
    case "BookingRoomAssigned":
      return `${event.bookingId} has room ${event.roomNumber}`;
    case "BookingCheckedIn":
      return `${event.bookingId} arrived in ${event.roomNumber}`;
    case "BookingCheckedOut":
      return `${event.bookingId} left ${event.roomNumber}`;
  }
}

/** CHECKED_IN as people say it. */
export function inWords(name: string): string {
  return name.toLowerCase().replaceAll("_", " ");
}

export function isOfBooking(event: HotelEvent): event is HotelEvent & { bookingId: string } {
  return "bookingId" in event;
}

/** The channels on which a hotel's events go out. */
export function hotelChannels(visibility: Visibility, slug: string): string[] {
  return channels(visibility, `hotel-${slug}`, `private-hotel-${slug}`);
}

/** The channels on which a booking's events go out. */
export function bookingChannels(visibility: Visibility, reference: string): string[] {
  return channels(visibility, `booking.${reference}`, `private-guest-booking.${reference}`);
}

function channels(visibility: Visibility, public_: string, private_: string): string[] {
  return { public: [public_], private: [private_], both: [public_, private_] }[visibility];
}
