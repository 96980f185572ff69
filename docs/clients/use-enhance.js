/**
 * A React hook: drop files in, show cards, get results one by one.
 *
 *   const { items, add, cancel, remove } = useEnhance({ url: "/", token: getToken });
 *   <input type="file" multiple onChange={(event) => add(event.target.files, { scale: 2 })} />
 *   {items.map((item) => <Card key={item.id} {...item} onCancel={() => cancel(item.id)} />)}
 */

import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";

import { Omnilens } from "./omnilens-client.js";

/**
 * The cards after one action. A card is `{id, name, status, stage, progress, task, resultUrl, error}`;
 * `status` is `sending` and then that of the server; `failed` stands for a refusal, too.
 */
export function cardsAfter(cards, action) {
  const change = (values) => cards.map((card) => (card.id === action.id ? { ...card, ...values } : card));
  switch (action.type) {
    case "added":
      return [...cards, { id: action.id, name: action.name, status: "sending", stage: "", progress: 0 }];
    case "told":
      return change({
        task: action.task,
        status: action.task.status,
        stage: action.task.stage,
        progress: action.task.progress,
      });
    case "done":
      return change({ task: action.task, status: "completed", progress: 1, resultUrl: action.resultUrl });
    case "failed":
      return change({
        status: action.error.code === "cancelled" ? "cancelled" : "failed",
        error: action.error,
      });
    case "removed":
      return cards.filter((card) => card.id !== action.id);
    default:
      throw new Error(`no such action: ${action.type}`);
  }
}

const connect = (given) => new Omnilens(given);

/** `url`, `token` and `makeClient` must be the same at every render, or the client is made anew. */
export function useEnhance({ url, token, makeClient = connect }) {
  const [items, dispatch] = useReducer(cardsAfter, []);
  const client = useMemo(() => makeClient({ url, token }), [url, token, makeClient]);
  const work = useRef(new Map()); // by id: {abort, task, resultUrl}
  const lastId = useRef(0);
  const turn = useRef(Promise.resolve()); // uploads go one after the other: the first result comes first

  /** One file: sent, followed, fetched. Nothing is told of a card that was removed meanwhile. */
  const run = useCallback(
    async (id, file, options) => {
      const entry = work.current.get(id);
      const { signal } = entry.abort;
      const tell = (action) => !signal.aborted && dispatch({ id, ...action });
      try {
        const sent = turn.current.then(() => client.submit(file, options, { signal }));
        turn.current = sent.catch(() => null); // the next upload does not depend on this one
        entry.task = await sent;
        const onProgress = (task) => tell({ type: "told", task });
        const task = await client.follow(entry.task, { onProgress, signal });
        const blob = await client.download(task, { signal });
        if (signal.aborted) return;
        entry.resultUrl = URL.createObjectURL(blob);
        tell({ type: "done", task, resultUrl: entry.resultUrl });
      } catch (error) {
        tell({ type: "failed", error });
      }
    },
    [client],
  );

  /** Hand files in, one upload after the other. Resolves when the last has ended. */
  const add = useCallback(
    async (files, options = {}) => {
      const added = [...files].map((file) => {
        const id = (lastId.current += 1);
        work.current.set(id, { abort: new AbortController() });
        dispatch({ type: "added", id, name: file.name });
        return { id, file };
      });
      await Promise.all(added.map(({ id, file }) => run(id, file, options)));
    },
    [run],
  );

  /** Stop one; its card stays and says so. */
  const cancel = useCallback(
    async (id) => {
      const task = work.current.get(id)?.task;
      if (task) await client.cancel(task);
    },
    [client],
  );

  /** Take a card away, with its task and files on the server. */
  const remove = useCallback(
    async (id) => {
      const entry = work.current.get(id);
      if (!entry) return;
      work.current.delete(id);
      forget(entry);
      dispatch({ type: "removed", id });
      if (entry.task) await client.remove(entry.task);
    },
    [client],
  );

  useEffect(() => {
    const entries = work.current;
    return () => {
      for (const entry of entries.values()) forget(entry);
      entries.clear();
    };
  }, []);

  return { items, add, cancel, remove };
}

function forget(entry) {
  entry.abort.abort();
  if (entry.resultUrl) URL.revokeObjectURL(entry.resultUrl);
}
