const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 60000 -> '60,000'. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** 1 -> '1 rating'; 2000 -> '2,000 ratings'. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
