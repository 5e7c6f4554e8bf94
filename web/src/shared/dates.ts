/** The date so many days from today, as GraphQL's Date. */
export function day(distance: number): string {
  const date = new Date();
  date.setDate(date.getDate() + distance);
  return date.toLocaleDateString("sv");
}
