/** The page {@code report.html} of a finished run, and the elements of pages: charts, tables, images. */
@NullMarked
package dev.fovea.report;

import org.jspecify.annotations.NullMarked;
