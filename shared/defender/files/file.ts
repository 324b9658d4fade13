import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/** Either hash that a file can be looked up by. */
export const FileHash = z
  .string()
  .toLowerCase()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "a file is looked up by SHA-1 (40 hex digits) or SHA-256 (64)")
  .brand("FileHash");
export type FileHash = z.infer<typeof FileHash>;

/**
 * What is known about a file, everywhere and by its signature.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/files
 */
export const File = z.looseObject({
  sha1: z.string().nullish(),
  sha256: z.string().nullish(),
  md5: z.string().nullish(),
  globalPrevalence: WholeNumber.nullish(),
  globalFirstObserved: z.string().nullish(),
  globalLastObserved: z.string().nullish(),
  /** In bytes. */
  size: WholeNumber.nullish(),
  fileType: z.string().nullish(),
  isPeFile: z.boolean().nullish(),
  filePublisher: z.string().nullish(),
  fileProductName: z.string().nullish(),
  signer: z.string().nullish(),
  issuer: z.string().nullish(),
  signerHash: z.string().nullish(),
  isValidCertificate: z.boolean().nullish(),
  /** `Unknown`, `Pua`, `Malware` and others. */
  determinationType: z.string().nullish(),
  determinationValue: z.string().nullish(),
});
export type File = z.infer<typeof File>;

/**
 * How common a file is, here and everywhere. `globallyPrevalence` is spelt as it comes.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics
 */
export const FileStatistics = z.looseObject({
  sha1: z.string().nullish(),
  organizationPrevalence: WholeNumber.nullish(),
  orgFirstSeen: z.string().nullish(),
  orgLastSeen: z.string().nullish(),
  globallyPrevalence: WholeNumber.nullish(),
  globalFirstObserved: z.string().nullish(),
  globalLastObserved: z.string().nullish(),
  topFileNames: z.array(z.string()).nullish(),
});
export type FileStatistics = z.infer<typeof FileStatistics>;
