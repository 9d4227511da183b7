import { type LocationQuery } from 'vue-router';

/** What an address asks the view to show: `?model=model_…&images=3,14` (validation split). */
export interface WantedMaps {
  readonly model: string | null;
  readonly images: number[];
}

export function wantedFrom(query: LocationQuery): WantedMaps {
  const text = (name: string) => {
    const value = query[name];
    return typeof value === 'string' ? value : '';
  };
  const images = text('images')
    .split(',')
    .filter((part) => /^\d{1,9}$/.test(part))
    .map(Number);
  return { model: text('model') || null, images: [...new Set(images)].slice(0, 16) };
}
