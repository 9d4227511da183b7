/**
 * Raised where an architecture's scores and gradients come out in other last digits on purpose: what
 * was made with the earlier ones is then not mixed with what is made now. Weights do not depend on
 * it; a model's validation accuracy, which is stored with it, may by an image. 2: products are summed in short chains (ConvolutionEnding.fine), and maps of one gradient go
 * forward in double precision (ExactKernels).
 */
export const inferenceArithmetic = { resnet18: 2 } as const;
