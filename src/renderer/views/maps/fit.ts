import { sharpZoom } from '../../pixels/sharp-zoom';

/** How the maps of one image are laid out. */
export interface TileFit {
  /** CSS pixels for each pixel of a map: less than one where the tile is smaller than the map. */
  readonly zoom: number;
  readonly columns: number;
}

export interface TileSpace {
  /** Screen pixels for the tiles and the gaps between them. */
  readonly width: number;
  readonly gap: number;
  readonly tiles: number;
  /** Pixels of a map from side to side. */
  readonly pixels: number;
  /** A zoom that a person chose; null: as large as fits. */
  readonly zoom: number | null;
  /** Screen pixels for each CSS pixel. */
  readonly ratio?: number;
}

/** A tile narrower than this leaves no room for a method's name. */
export const leastTile = 80;
/** Of a map with many pixels, a smaller tile shows too few. */
const leastLarge = 160;
/** Past this a map only shows larger squares. */
const mostTile = 224;

/** As few rows as leave the tiles readable, filled evenly; then the largest sharp zoom. */
export function fitTiles({ width, gap, tiles, pixels, zoom, ratio = 1 }: TileSpace): TileFit {
  if (tiles < 1 || pixels < 1) return { zoom: zoom ?? 1, columns: 1 };
  if (zoom !== null) {
    const tile = Math.max(zoom * pixels, leastTile);
    const most = Math.max(1, Math.floor((width + gap) / (tile + gap)));
    const rows = Math.ceil(tiles / most);
    return { zoom, columns: Math.ceil(tiles / rows) };
  }
  const least = Math.max(leastTile, Math.min(leastLarge, pixels));
  for (let rows = 1; ; rows += 1) {
    const columns = Math.ceil(tiles / rows);
    const room = (width - gap * (columns - 1)) / columns;
    const largest = sharpZoom(pixels, Math.max(1, Math.min(room, mostTile)), ratio);
    if (largest * pixels >= least || columns === 1) return { zoom: largest, columns };
  }
}
