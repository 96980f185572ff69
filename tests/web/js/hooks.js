/** The five hooks of React that the example uses, for one component: rules as documented there. */

let current = null;

export function mount(component) {
  const host = { slots: [], at: 0, value: null, effects: [] };
  host.render = () => {
    [current, host.at, host.effects] = [host, 0, []];
    host.value = component();
    current = null;
    for (const effect of host.effects) effect();
  };
  host.unmount = () => host.slots.forEach((slot) => slot.cleanup?.());
  host.render();
  return host;
}

function slot(make) {
  const { slots } = current;
  slots[current.at] ??= make();
  current.at += 1;
  return slots[current.at - 1];
}

const isSame = (one, other) => one?.length === other.length && one.every((value, index) => Object.is(value, other[index]));

export function useReducer(reducer, initial) {
  const host = current;
  const kept = slot(() => ({ state: initial }));
  kept.dispatch ??= (action) => {
    kept.state = reducer(kept.state, action);
    host.render();
  };
  return [kept.state, kept.dispatch];
}

export function useMemo(make, needs) {
  const kept = slot(() => ({}));
  if (!isSame(kept.needs, needs)) Object.assign(kept, { needs, value: make() });
  return kept.value;
}

export const useCallback = (callback, needs) => useMemo(() => callback, needs);

export const useRef = (initial) => slot(() => ({ current: initial }));

export function useEffect(effect, needs) {
  const kept = slot(() => ({}));
  if (isSame(kept.needs, needs)) return;
  kept.needs = needs;
  current.effects.push(() => { kept.cleanup = effect(); });
}
