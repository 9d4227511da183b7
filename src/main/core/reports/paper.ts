/** The paper's own tables, accuracies, open choices and claims. */
export interface Paper {
  readonly accuracies: readonly { readonly level: number; readonly accuracy: number }[];
}

/** Read and check `resources/paper/*.json`. Throws `corrupt-file` naming the file. */
export declare function loadPaper(resources: string): Paper;
