package dev.fovea.graph;

/** The one result of a node of a graph: the node's position in the list. */
public record Value(int id) {}
