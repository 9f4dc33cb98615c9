/** A network layer by layer: {@link dev.fovea.explain.survey.LayerSurvey}. */
@NullMarked
package dev.fovea.explain.survey;

import org.jspecify.annotations.NullMarked;
