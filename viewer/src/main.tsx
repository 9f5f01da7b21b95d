import { render } from "preact";
import "./style/page.css";
import { sourceOf } from "./core/source";
import { followTheme } from "./core/theme";
import { App } from "./view/App";

const root = document.getElementById("app");
followTheme();
if (root !== null) render(<App source={sourceOf(document)} />, root);
