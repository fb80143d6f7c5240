/** The part of subset-font 2.9 that we use; it brings no types. */
declare module "subset-font" {
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: { targetFormat: "woff2"; keepFeatures?: string[] },
  ): Promise<Buffer>;
}
