export interface Theme {
  mode: "LIGHT" | "DARK" | "CUSTOM";
  primaryColor: string;
  accentColor: string;
  backgroundColor: string;
  textColor: string;
  buttonColor: string;
  linkColor: string;
}

export interface Offer {
  id: string;
  title: string;
  shortDescription: string;
  detailsText: string;
  validFrom: string | null;
  validTo: string | null;
  tag: string;
  bookNowUrl: string;
  photoUrl: string | null;
}

export interface RoomType {
  id: string;
  name: string;
  shortDescription: string;
  maxOccupancy: number;
  photoUrl: string | null;
}

export interface Settings {
  heroImageDisplay: string | null;
  logo: string | null;
  tagline: string;
  shortDescription: string;
  longDescription: string;
  welcomeMessage: string;
  amenities: string[];
  contactEmail: string;
  contactPhone: string;
  contactAddress: string;
  website: string;
  theme: Theme;
}

export interface Hotel {
  name: string;
  cursor: string;
  settings: Settings;
  gallery: { url: string }[];
  roomTypes: RoomType[];
  offers: Offer[];
}
