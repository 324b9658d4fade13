import { PermanentError } from "../../errors.ts";
import { allOf, linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { libraryFileCalls } from "./calls.ts";
import { LibraryFile, type LibraryFileName } from "./library-file.ts";

/** The most an upload may carry. @see https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library */
export const LARGEST_LIBRARY_FILE_BYTES = 20 * 1024 * 1024;

/** A file as it goes into the library. */
export interface LibraryUpload {
  fileName: LibraryFileName;
  content: Uint8Array<ArrayBuffer>;
  description?: string | undefined;
  /** For a script that takes arguments: which. */
  parametersDescription?: string | undefined;
  /** Whether to replace a file that is there under this name. @default false */
  overrideIfExists?: boolean | undefined;
}

/** Keeps the library that live response takes its scripts and files from. */
export const createLibraryFiles = (send: Send) => ({
  list: () => allOf(linkedRowsOf(send, libraryFileCalls.list, {}, { row: LibraryFile })),

  /**
   * @throws PermanentError `FileTooLarge` for more than 20 MB, before anything is sent
   * @throws DefenderRefusedError where the name is taken and may not be replaced
   */
  async upload(upload: LibraryUpload): Promise<LibraryFile> {
    const { fileName, content, description, parametersDescription, overrideIfExists = false } = upload;
    if (content.byteLength > LARGEST_LIBRARY_FILE_BYTES) {
      const limit = LARGEST_LIBRARY_FILE_BYTES;
      throw new PermanentError(
        "FileTooLarge",
        `${fileName} has ${content.byteLength} bytes; the library takes ${limit}`,
      );
    }
    const form = new FormData();
    form.set("File", new Blob([content]), fileName);
    if (description) form.set("Description", description);
    if (parametersDescription) form.set("ParametersDescription", parametersDescription);
    form.set("HasParameters", String(Boolean(parametersDescription)));
    form.set("OverrideIfExists", String(overrideIfExists));
    return send(libraryFileCalls.upload, { body: form });
  },

  /** @throws DefenderNotFoundError when there is no such file */
  async delete(fileName: LibraryFileName): Promise<void> {
    await send(libraryFileCalls.delete, { ids: { fileName } });
  },
});
