declare module "@adobe/structured-data-validator" {
  export default class Validator {
    /** @param vocabulary schema.org's own, as it is published in JSON-LD */
    constructor(vocabulary: object);
    /** @param found what a page holds, by type */
    validate(found: { jsonld: Record<string, object[]> }): Promise<{ issueMessage: string; severity: string }[]>;
  }
}
