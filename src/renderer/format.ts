/** Numbers, times and sizes in words, the same everywhere. */
const locale = 'en';
const counts = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

/** 60000 -> '60,000'. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** A share of one as per cent: 0.98765 -> '98.77%'. */
export function formatPercent(share: number | null, digits = 2): string {
  return share === null || !Number.isFinite(share) ? '–' : `${(share * 100).toFixed(digits)}%`;
}

/** A plain number with fixed digits; '–' where there is none; a real minus sign. */
export function formatNumber(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value.toFixed(digits).replace('-', '−');
}

/** '[0.120, 0.230]', or nothing where there is no interval; what rounds to nothing has no sign. */
export function formatInterval(low: number | null, high: number | null, digits = 3): string {
  const end = (value: number) =>
    formatNumber(Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value, digits);
  return low === null || high === null ? '' : `[${end(low)}, ${end(high)}]`;
}

/** A removal level: 0.3 -> '0.3'. */
export function formatLevel(level: number): string {
  return Number.isInteger(level * 10) ? level.toFixed(1) : String(Number(level.toFixed(4)));
}

/** Seconds in words a person reads at a glance: '8 s', '3 min 05 s', '2 h 10 min'. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return seconds === 0 ? '0 s' : '< 1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Bytes with binary units: 1536 -> '1.5 KiB'. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** What happens per second: (5012.3, 'images') -> '5,012 images/s'; bytes with binary units. */
export function formatRate(rate: number | null, unit: string | null): string {
  if (rate === null || !Number.isFinite(rate)) return '–';
  if (unit === 'bytes') return `${formatBytes(rate)}/s`;
  const value = rate >= 100 ? counts.format(rate) : rate.toFixed(rate >= 10 ? 1 : 2);
  return `${value}${unit ? ` ${unit}` : ''}${unit?.endsWith('/s') ? '' : unit ? '/s' : ' per second'}`;
}

/** A moment: '14:05' today, else '3 Mar, 14:05', with the year where it is another one. */
export function formatWhen(iso: string | null, now: Date = new Date()): string {
  if (iso === null) return '–';
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${date.toLocaleString(locale, { month: 'short' })}${year}, ${time}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
