/** Files that another app shares with this one: kept by the worker until a window has taken them. Any page may post some. */

export const SHARE_PATH = '/share';
/** Where the window is sent, which takes them then. */
export const SHARED_ADDRESS = '/?do=shared';
/** The field of the form, as the manifest says it. */
export const SHARED_FIELD = 'files';
const SHARED_FILES = 'holdfast-shared-files';
const NAME_HEADER = 'X-Name';

/** Those that were shared before and taken by nobody are forgotten. */
export async function keepShared(request: Request): Promise<Response> {
  const files = (await request.formData()).getAll(SHARED_FIELD).filter((entry) => entry instanceof File);
  await caches.delete(SHARED_FILES);
  const kept = await caches.open(SHARED_FILES);
  for (const [i, file] of files.entries()) {
    const headers = { 'Content-Type': file.type, [NAME_HEADER]: encodeURIComponent(file.name) };
    await kept.put(`/${i}`, new Response(file, { headers }));
  }
  return Response.redirect(SHARED_ADDRESS, 303);
}

/** In the order in which they were shared; none a second time. */
export async function takeShared(): Promise<File[]> {
  const kept = await caches.open(SHARED_FILES);
  const files = await Promise.all(
    (await kept.keys()).map(async (request) => {
      const response = (await kept.match(request))!;
      const name = decodeURIComponent(response.headers.get(NAME_HEADER) ?? '') || 'shared';
      return new File([await response.blob()], name, { type: response.headers.get('Content-Type') ?? '' });
    }),
  );
  await caches.delete(SHARED_FILES);
  return files;
}
