/** Where files are sent to and fetched from, each under its id. */
export const filesPath = '/files/';

export const isFilesPath = (path: string): boolean => path.startsWith(filesPath);
