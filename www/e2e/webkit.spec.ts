// The built page in WebKit.

import { journeys } from "./journeys.ts";
import { testIn } from "./tab.ts";
import { launchWebKit } from "./webkit.ts";

const test = testIn(launchWebKit);

// It takes twice the processor's time of the others.
journeys(test, { crowd: 200, study: 100, deeper: false });
