import { z } from 'zod';
import { encodingNames, textEncodings } from './text-encoding';

/** What parts the cells of a line. */
export const delimiters = ['comma', 'semicolon', 'tab', 'pipe'] as const;
export type Delimiter = (typeof delimiters)[number];

export const delimiterCharacters: Readonly<Record<Delimiter, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
};

export const delimiterNames: Readonly<Record<Delimiter, string>> = {
  comma: 'commas',
  semicolon: 'semicolons',
  tab: 'tabs',
  pipe: 'bars',
};

/** What comes before the fraction of a number. */
export const decimalMarks = ['point', 'comma'] as const;
export type DecimalMark = (typeof decimalMarks)[number];

/** How a CSV file is to be read; what is left out is found in the file. */
export const chosenReadingSchema = z.object({
  encoding: z.enum(textEncodings, `one of ${textEncodings.join(', ')}`).optional(),
  delimiter: z.enum(delimiters, `one of ${delimiters.join(', ')}`).optional(),
  decimal: z.enum(decimalMarks, `one of ${decimalMarks.join(', ')}`).optional(),
});
export type ChosenReading = z.infer<typeof chosenReadingSchema>;

/** How a CSV file was read, one way for all of it. */
export const csvReadingSchema = z.object({
  encoding: z.enum(textEncodings),
  delimiter: z.enum(delimiters),
  decimal: z.enum(decimalMarks),
  /** What else is unusual in it, and what was made of it; a sentence each. */
  notes: z.array(z.string()),
});
export type CsvReading = z.infer<typeof csvReadingSchema>;

/** `UTF-8, cells between semicolons, decimal comma` */
export const readingWords = ({ encoding, delimiter, decimal }: CsvReading): string =>
  `${encodingNames[encoding]}, cells between ${delimiterNames[delimiter]}, decimal ${decimal}`;
