"""What is around the package: its layout, documents, examples, types and distribution."""
