import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Trouble } from "./loading";

/** Give a component whose script comes when it is first shown. */
export function lazily<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let known: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Shown, setShown] = useState<ComponentType<P> | undefined>(() => known);
    const [trouble, setTrouble] = useState<string>();
    const fetch = () => {
      setTrouble(undefined);
      load().then(
        (script) => {
          known = script.default;
          setShown(() => known);
        },
        () => setTrouble("Look at the connection, and try again."),
      );
    };
    useEffect(() => {
      if (!Shown) fetch();
    }, []);
    if (trouble) return <Trouble detail={trouble} again={fetch} />;
    return Shown ? <Shown {...props} /> : <Loading />;
  };
}
