/** A run in full, by its metric. */
export const fullPreset = 'paper';
/** Where settings of a run start. */
export const presetIds = ['quick', fullPreset] as const;
