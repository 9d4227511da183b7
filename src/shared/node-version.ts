/** The oldest Node that the application and its native modules run on; one comes with the packages. */
export const oldestNode = 24;

/**
 * Why this Node cannot run the application, which would end without a word inside a native module;
 * null where it can.
 *
 * @param version as `process.versions.node`
 * @param command what brings the right Node along
 */
export function nodeObstacle(version: string, command: string): string | null {
  if (Number.parseInt(version, 10) >= oldestNode) return null;
  return `Node ${version} runs this, and Saliency Studio needs Node ${oldestNode} or later, which comes with its packages: use ${command} in its folder instead.`;
}
