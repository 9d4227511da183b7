/**
 * Raised where an architecture's scores and gradients come out in other last digits on purpose: what
 * was made with the earlier ones is then not mixed with what is made now. Weights do not depend on
 * it; a model's validation accuracy, which is stored with it, may by an image. From 2 on products are
 * summed in short chains (ConvolutionEnding.fine); 2 alone went forward in double precision for maps
 * of one gradient.
 */
export const inferenceArithmetic = { resnet18: 3 } as const;
