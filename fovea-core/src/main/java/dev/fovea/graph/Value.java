package dev.fovea.graph;

/** The single result of a node of a graph; the id is the node's index in the list. */
public record Value(int id) {}
