import { render } from "preact";
import "./style/page.css";
import { sourceOf } from "./core/source";
import { App } from "./view/App";

const root = document.getElementById("app");
if (root !== null) render(<App source={sourceOf(document)} />, root);
