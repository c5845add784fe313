"""What is in the catalogue, and which reports are made of it?"""
