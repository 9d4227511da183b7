/** Images of a dataset of one's own. */
export const maxImages = 1_000_000;
/** Its classes. */
export const maxClasses = 10_000;
/** Entries of an archive: masks and lists may lie beside the images. */
export const maxEntries = 2_500_000;
/** Bytes of one file: 100 megapixels of colour, not packed at all, have no more. */
export const maxFileBytes = 400 * 2 ** 20;
/** Folders within folders. */
export const maxDepth = 32;
/** Bytes of a list of labels, which is in memory: a million lines of two hundred letters have less. */
export const maxListBytes = 192 * 2 ** 20;
