/** Time left in words that do not jump about; null while it is not known. */
export function timeLeft(seconds: number | null): string | null {
  if (seconds === null) return null;
  if (seconds < 60) return 'under a minute left';
  const minutes = Math.round(seconds / 60);
  return minutes < 90
    ? `about ${minutes} min left`
    : `about ${Math.round(minutes / 6) / 10} h left`;
}
