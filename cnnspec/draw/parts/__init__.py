"""What is to be drawn, without a measure: the IR's tree as rows, frames, stages and repeats."""
