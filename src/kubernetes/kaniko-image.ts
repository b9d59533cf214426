/** Which executor builds the image. */
export class KanikoImage {
  /** The reference of the image. */
  public readonly reference: string;
  /** @param reference the image */
  public constructor(reference: string) { this.reference = reference; }
}
