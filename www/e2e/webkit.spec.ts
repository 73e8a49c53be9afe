// The built page in WebKit.

import { journeys } from "./journeys.ts";
import { testIn } from "./tab.ts";
import { launchWebKit } from "./webkit.ts";

const test = testIn(launchWebKit);

journeys(test);
