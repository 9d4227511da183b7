/** Where the paper says something: 'Sec. IV-A', or 'Abstract', which has no number. */
export const placeInPaper = (section: string): string =>
  /^[IVX]+\b/.test(section) ? `Sec. ${section}` : section;

/** What the paper says, in our words, after where it says so. */
export const sayingOfPaper = (section: string, says: string): string =>
  `${placeInPaper(section)}: ${says}`;
