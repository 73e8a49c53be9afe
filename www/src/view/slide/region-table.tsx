// What the regions of a slide come to, by the classes that were told apart.

import { isOwn, type Spoken, spokenOf, spokenOfRegion } from "../../study/classes.ts";
import type { ImageReport } from "../../study/report.ts";
import { resultWords } from "../../words/result.ts";
import { slideWords } from "../../words/slide.ts";
import { percent, words } from "../../words/words.ts";
import { VerdictSign } from "../verdict-sign.tsx";
import { labelWord, verdictWord } from "../wording.ts";

/** Nothing of a report that is on no region. */
export function RegionTable({ report }: { report: ImageReport }) {
  const regions = report.slide?.regions ?? [];
  if (regions.length === 0) return null;
  const said = slideWords.value;
  const own = isOwn(spokenOf(report).classes);
  return (
    <table class="slide-regions">
      <caption class="visually-hidden">{said.judged}</caption>
      <thead>
        <tr>
          <th scope="col">{said.region}</th>
          <th scope="col">{said.verdict}</th>
          <th scope="col">{own ? said.malignant : words.value.teach.classes.share}</th>
          <th scope="col">{said.patches}</th>
        </tr>
      </thead>
      <tbody>
        {regions.map((region, index) => {
          const spoken = spokenOfRegion(report, region);
          const { verdict, classes } = spoken;
          return (
            <tr key={index}>
              <th scope="row">{region.name}</th>
              <td data-verdict={verdict}>
                <VerdictSign verdict={verdict} classes={classes} /> {verdictWord(verdict)}
              </td>
              <td>{shareWords(spoken, own)}</td>
              <td>{said.voted(region.voters, region.patches.length)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** "81.0%", of malignant where that is `own`, else "in situ 71.0%"; nothing where nothing is claimed. */
function shareWords({ shares, prediction, confidence, verdict }: Spoken, own: boolean): string {
  if (shares === null || prediction === null || verdict === "unfamiliar") return "";
  if (own) return percent(shares[1] ?? 0);
  return resultWords.value.judgement.part(labelWord(prediction), percent(confidence ?? 0));
}
