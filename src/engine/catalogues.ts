/** The algorithms behind the descriptors of `shared/catalogue`: what an engine process is started with. */
export type EngineCatalogues = Readonly<Record<never, never>>;

/** What Saliency Studio comes with. */
export const builtInAlgorithms: EngineCatalogues = {};
